module yurt-ssh-standin

go 1.19
