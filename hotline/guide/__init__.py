"""What is said: the guide's steps, menus, short lines, rules and languages, read from prompts/."""
