"""A configuration with the structure of the nginx sample in OpenChamber's guide, one location for each thing to see.

It is no recipe: each line in it is there to be seen going wrong.
"""

SAMPLE = """
server {{
    listen 127.0.0.1:{port};
    client_max_body_size 50M;
    client_body_buffer_size 50M;
    proxy_request_buffering off;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $host;
    add_header Strict-Transport-Security "max-age=1" always;
    location = /api/event/ws {{
        proxy_pass {app};
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
    }}
    location = /api/event {{
        proxy_pass {app};
        proxy_set_header Accept "text/event-stream";
        proxy_set_header Cache-Control "no-cache";
        proxy_buffering off;
        add_header Cache-Control "no-cache, no-transform" always;
    }}
    location = /buffered {{
        proxy_pass {app};
        proxy_http_version 1.0;
        proxy_buffering on;
        add_header X-Accel-Buffering "no" always;
    }}
    location / {{
        proxy_pass {app};
    }}
}}
"""
