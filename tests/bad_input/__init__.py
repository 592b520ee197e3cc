"""Bad input of every kind, made in code, with the doors it comes in by; see docs/bad-input.md."""
