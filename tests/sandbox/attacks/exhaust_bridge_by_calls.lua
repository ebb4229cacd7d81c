-- expect: luaTimeout
while true do
  jido.file_exists("file.txt")
end
