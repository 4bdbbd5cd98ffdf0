"""Real servers for the tests: PostgreSQL, mosquitto and Chromium, started and ended here."""
