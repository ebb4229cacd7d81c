-- expect: values [null, true]
local chunk, message = load(("("):rep(10000) .. "1" .. (")"):rep(10000))
return chunk, message:find("overflow", 1, true) ~= nil
