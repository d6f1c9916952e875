-- When an account that is held off by a rate limit may be read again.
ALTER TABLE account ADD COLUMN health_until INTEGER;
