"""A telephone exchange on this machine that acts as Twilio does; it imports nothing else of hotline.

twiml   what a webhook's answer says: documents by content type, TwiML read strictly into verbs (pure)
calls   a call: what a document makes it do second by second, who is on the line, what is heard
texts   a text message: both ways, its receipts, the carrier's own keywords
doors   Twilio's REST API, the owner's control API, the telephone in the terminal, the page
page    a telephone in the browser: HTML, CSS and JavaScript as they are

Kept here, for all of them: account, numbers, forms, signing (pure); clock, timeline, lanes, faults, webhooks,
phones, records, journal, wire, surroundings. exchange.py ties everything together.
"""
