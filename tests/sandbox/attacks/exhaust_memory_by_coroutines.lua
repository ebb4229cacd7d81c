-- expect: luaMemoryExceeded
local hoard = {}
while true do
  local thread = coroutine.create(coroutine.yield)
  coroutine.resume(thread)
  hoard[#hoard + 1] = thread
end
