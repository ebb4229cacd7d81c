-- expect: luaMemoryExceeded
local hoard = {}
while true do
  hoard[#hoard + 1] = { #hoard }
end
