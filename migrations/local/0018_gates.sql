-- Who sees a form in clear (JSON), apart from what the others see of it: most who look are among them. NULL: not made yet.
ALTER TABLE forms ADD COLUMN gate TEXT;
