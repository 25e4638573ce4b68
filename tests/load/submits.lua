-- wrk: asks for another package with every request.
local number = 0
request = function()
  number = number + 1
  return wrk.format("PUT", "/-/package/load-" .. number .. "/syncs")
end
