/** Where the API server is for hosts: a simulated load balancer in front of the control planes. */
export const apiServer = 'https://192.0.2.10:6443'
