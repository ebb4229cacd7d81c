-- expect: luaError attempt to yield from outside a coroutine
coroutine.yield("who is there?")
