-- expect: values [1]
local function endless()
  while true do
  end
end
pcall, xpcall, error, next, type, tostring, select, rawget, load = endless, endless, endless, endless, endless, endless, endless, endless, endless
return 1
