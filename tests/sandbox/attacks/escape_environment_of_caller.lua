-- expect: luaError attempt to call a nil value \(global 'setfenv'\)
setfenv(1, {})
