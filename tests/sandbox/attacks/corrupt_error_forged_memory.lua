-- expect: luaMemoryExceeded
-- A script may say so itself; it deceives nobody but its own caller.
error("not enough memory", 0)
