"""nginx configurations as people write them, and what of Nginx Proxy Manager and ingress-nginx is made of them."""
