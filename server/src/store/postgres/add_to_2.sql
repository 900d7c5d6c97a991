-- What schema 3 has and schema 2 lacks. Servers of schema 2 name the columns that they write, so they go on.

SET LOCAL search_path = roster;

ALTER TABLE server
    ADD COLUMN IF NOT EXISTS reads bigint NOT NULL DEFAULT 2,
    ADD COLUMN IF NOT EXISTS signing text[] NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS keys text[] NOT NULL DEFAULT '{}';
