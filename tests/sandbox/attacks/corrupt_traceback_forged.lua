-- expect: luaError stack traceback
error("x\nstack traceback:\n\t[C]: in main chunk", 0)
