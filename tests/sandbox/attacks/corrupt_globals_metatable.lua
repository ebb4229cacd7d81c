-- expect: values [1]
setmetatable(_G, { __index = function() error("index") end, __newindex = function() error("newindex") end })
rawset(_G, "debug", nil)
return 1
