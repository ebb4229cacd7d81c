-- expect: luaTimeout
-- The error is described after the script has failed: that is still the script's time.
error(setmetatable({}, { __tostring = function()
  while true do
  end
end }))
