-- The open flags of a thread are found by its own key: one index less for every flag that comes in.
DROP INDEX flag_open;
