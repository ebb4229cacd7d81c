-- expect: values [null, true]
-- A script can't be bytecode either; what is loaded from within is loaded by the same rule.
local chunk, message = load("\27Lua", "=script", "b", _ENV)
return chunk, message:find("binary chunk", 1, true) ~= nil
