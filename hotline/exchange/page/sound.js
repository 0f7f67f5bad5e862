// What the ear hears: the clips of a call in their order and at their time, the tones of keys and of ringing.

import { soundUrl } from "./door.js";

const DTMF_HZ = {
  1: [697, 1209], 2: [697, 1336], 3: [697, 1477], 4: [770, 1209], 5: [770, 1336], 6: [770, 1477],
  7: [852, 1209], 8: [852, 1336], 9: [852, 1477], "*": [941, 1209], 0: [941, 1336], "#": [941, 1477],
}; // ITU-T Q.23
const KEY_TONE_S = 0.12;
const RESUMED_MS = 500; // a sound so late was under way before; less is the browser's own delay
const RING_HZ = [425]; // ITU-T E.180: the ringing tone of Kyrgyzstan and Russia is about 425 Hz

/** The clips of one telephone's calls, one after another, each at its time. */
export class Ear {
  /** heard(sound): called when one begins. silenced(): the browser lets nothing be heard until a person acts. */
  constructor(heard, silenced) {
    this.heard = heard;
    this.silenced = silenced;
    this.queue = [];
    this.now = null;
    this.element = document.getElementById("ears").appendChild(document.createElement("audio"));
    this.element.addEventListener("ended", () => this.finish());
    this.element.addEventListener("error", () => this.finish());
  }

  /** Put a sound in line: {what, url, caption, starts_in_s, length_s, times, aloud}; before 0 it is under way. */
  add(sound) {
    const eachMs = (sound.length_s / sound.times) * 1000;
    const startsAt = performance.now() + sound.starts_in_s * 1000;
    for (let turn = 0; turn < sound.times; turn += 1) {
      this.queue.push({ ...sound, startsAt: startsAt + turn * eachMs, eachMs });
    }
    if (sound.url && sound.aloud) new Audio(soundUrl(sound.url)).preload = "auto";
    if (!this.now) this.next();
  }

  /** Stop at once, as a key does at the exchange. */
  cut() {
    this.queue = [];
    this.finish();
  }

  /** How much of the present sound is over, 0 to 1. */
  get progress() {
    return this.now ? Math.min(Math.max((performance.now() - this.now.startsAt) / this.now.eachMs, 0), 1) : 1;
  }

  finish() {
    clearTimeout(this.timer);
    this.element.pause();
    this.now = null;
    this.next();
  }

  next() {
    const sound = this.queue.shift();
    if (!sound) return;
    this.now = sound;
    this.timer = setTimeout(() => this.play(sound), Math.max(sound.startsAt - performance.now(), 0));
  }

  /** A sound that is not heard here passes in silence. */
  play(sound) {
    const lateMs = performance.now() - sound.startsAt;
    this.heard(sound);
    if (!sound.url || !sound.aloud) {
      this.timer = setTimeout(() => this.finish(), sound.eachMs - lateMs);
      return;
    }
    this.element.src = soundUrl(sound.url);
    if (lateMs > RESUMED_MS) this.element.currentTime = lateMs / 1000;
    else sound.startsAt += lateMs;
    this.element.play().catch((error) => {
      if (error.name === "NotAllowedError") this.playMuted(); // any other: cut while loading
    });
  }

  playMuted() {
    const { muted } = this.element;
    this.element.muted = true;
    this.element.play().catch(() => {});
    this.silenced(() => { this.element.muted = muted; });
  }
}

/** The telephone's own tones. */
export class Tones {
  /** The tones of a key. */
  key(key) {
    this.sound(DTMF_HZ[key] ?? [], KEY_TONE_S);
  }

  /** Ring until told to stop; the same tone says to a caller that it rings at the other end. */
  ring(on) {
    if (on === Boolean(this.ringing)) return;
    clearInterval(this.ringing);
    this.ringing = on ? setInterval(() => this.sound(RING_HZ, 1), 4000) : null;
    if (on) this.sound(RING_HZ, 1);
  }

  /** What a recording begins with. */
  beep() {
    this.sound([1000], 0.5);
  }

  /** A short sign that something arrived. */
  sign() {
    this.sound([880, 1320], 0.2);
  }

  sound(frequencies, seconds) {
    this.context ??= new AudioContext();
    const volume = this.context.createGain();
    volume.gain.value = 0.05;
    volume.connect(this.context.destination);
    for (const frequency of frequencies) {
      const tone = this.context.createOscillator();
      tone.frequency.value = frequency;
      tone.connect(volume);
      tone.start();
      tone.stop(this.context.currentTime + seconds);
    }
  }
}
