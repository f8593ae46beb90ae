package main

// rule is one iptables rule, always put first in its chain.
type rule struct {
	table, chain string
	match        []string
}

// iptablesRules returns ten rules per port: to and from the dummy address and 127.0.0.1, untracked and accepted.
func iptablesRules(dummyIP string, ports ...string) []rule {
	var rules []rule
	for _, port := range ports {
		for _, ip := range []string{dummyIP, "127.0.0.1"} {
			to := []string{"-p", "tcp", "--dport", port, "-d", ip}
			from := []string{"-p", "tcp", "--sport", port, "-s", ip}
			accepted := to
			if ip == dummyIP {
				accepted = append([]string{"-m", "comment", "--comment", "for container access hub agent"}, to...)
			}
			rules = append(rules,
				rule{"raw", "PREROUTING", jump(to, "NOTRACK")},
				rule{"raw", "OUTPUT", jump(to, "NOTRACK")},
				rule{"filter", "INPUT", jump(accepted, "ACCEPT")},
				rule{"raw", "OUTPUT", jump(from, "NOTRACK")},
				rule{"filter", "OUTPUT", jump(from, "ACCEPT")},
			)
		}
	}
	return rules
}

func jump(match []string, target string) []string {
	return append(append([]string{}, match...), "-j", target)
}
