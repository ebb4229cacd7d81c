-- expect: luaMemoryExceeded or luaError stack overflow
-- Lua allows a million levels, which may or may not fit into the heap.
local function deeper()
  return 1 + deeper()
end
deeper()
