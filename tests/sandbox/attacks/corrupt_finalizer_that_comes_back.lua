-- expect: values [1]
local function arm()
  setmetatable({}, { __gc = function()
    arm()
    error("in somebody else's script")
  end })
end
arm()
return 1
