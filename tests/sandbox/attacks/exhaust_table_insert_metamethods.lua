-- expect: luaTimeout
-- `#` says there are endlessly many, and each has to be moved.
table.insert(setmetatable({}, { __len = function() return 2 ^ 52 | 0 end, __newindex = function() end }), 1, 1)
