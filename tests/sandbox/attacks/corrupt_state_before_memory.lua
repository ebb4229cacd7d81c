-- expect: luaMemoryExceeded
counter = "changed"
bump()
thread()
math.random()
local text = "x"
while true do
  text = text .. text
end
