-- expect: luaError ^script:3: over$
-- The message is Lua's own; nothing of the prelude is in it.
error("over")
