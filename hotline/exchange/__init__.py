"""A telephone exchange on this machine that acts as Twilio does; it imports nothing else of hotline.

Judged (pure): numbers, segments, signing, optout, keypad, verbs, twiml, documents, orders.
A call (pure): needs, soundings, script. Kept: account, records, journal, messages, calls, phones, sounds.
Moving: clock, timeline, lanes, faults, webhooks, all in common surroundings.
Acting: post (texts), line, trunk and switchboard (calls).
Doors: rest (Twilio's API), control with its fields (the owner's terminal), exchange (ties all together),
talk (a telephone in the terminal).
"""
