-- expect: luaTimeout
local forever <close> = setmetatable({}, { __close = function()
  while true do
  end
end })
error("close it")
