"""Kadam: the hotline, room by room.

guide      what is said: steps, menus, lines, languages
voice      a call: key pressed -> turn -> TwiML
sms        a text message: text -> command -> reply
reminders  the clock: deadlines, the ledger, one tick
people     who: their stored language and dates, every effect, encryption
speech     text -> sound: clips, synthesis, the studio
carriers   the telephone company we send through
exchange   a telephone company on this machine, for trying and testing
"""
