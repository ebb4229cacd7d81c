-- expect: values [1]
local type = type
local function broken()
  error("broken")
end
for name, value in next, _G do
  if type(value) == "function" then
    _G[name] = broken
  end
end
return 1
