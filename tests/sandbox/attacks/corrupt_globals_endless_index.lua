-- expect: values [1]
setmetatable(_G, { __index = function()
  while true do
  end
end })
return 1
