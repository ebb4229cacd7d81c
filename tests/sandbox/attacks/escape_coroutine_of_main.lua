-- expect: luaError cannot close a running coroutine
local main = coroutine.running()
coroutine.close(main)
