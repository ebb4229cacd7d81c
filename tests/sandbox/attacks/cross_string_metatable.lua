-- expect: values [1]
-- Shared by all strings of one state, and by no other's.
getmetatable("").__index = nil
getmetatable("").__unm = function() return "mine" end
return 1
