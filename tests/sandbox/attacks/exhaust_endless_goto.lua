-- expect: luaTimeout
::again::
goto again
