-- expect: values [true, true]
-- Hiding the finalizer from Lua leaves the metatable as the script made it.
local metatable = { __gc = print, __metatable = "mine" }
local object = setmetatable({}, metatable)
return metatable.__gc == print, not pcall(setmetatable, object, { __gc = print })
