-- expect: luaError error object is a table value
error(setmetatable({}, {
  __index = function() error("index") end,
  __tostring = function() error("tostring") end,
  __metatable = false,
  __eq = function() error("eq") end,
}))
