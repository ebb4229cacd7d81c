-- expect: luaMemoryExceeded
-- What a script leaves counts: it can't fill the heap so that no later script starts.
kept = {}
local size = 1 << 20
while size >= 16 do
  if not pcall(function()
    kept[#kept + 1] = ("x"):rep(size - #kept)
  end) then
    size = size // 2
  end
end
return 1
