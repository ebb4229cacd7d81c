-- expect: luaError undone
local dead = coroutine.create(function() error("dead") end)
coroutine.resume(dead)
bump = coroutine.wrap(function() end)
bump()
error("undone")
