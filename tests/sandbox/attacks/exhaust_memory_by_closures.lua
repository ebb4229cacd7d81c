-- expect: luaMemoryExceeded
local chain
while true do
  local rest = chain
  chain = function()
    return rest
  end
end
