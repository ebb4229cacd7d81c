-- expect: values [false]
return (xpcall(error, function(message)
  return message .. {}
end, {}))
