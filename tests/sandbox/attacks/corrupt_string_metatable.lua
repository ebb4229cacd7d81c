-- expect: values [1]
local metatable = getmetatable("")
metatable.__index = function() error("no strings") end
metatable.__concat = function() error("no concat") end
metatable.__eq = function() error("no eq") end
metatable.__len = function() error("no len") end
metatable.__lt = function() error("no lt") end
return 1
