-- expect: luaTimeout
local function handler()
  while true do
  end
end
xpcall(error, handler)
