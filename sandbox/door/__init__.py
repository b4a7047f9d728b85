"""The HTTP door: what clients of other sandboxes already send, over the same pipeline. `sandbox serve --http ADDRESS`.

    POST /run_code, /submit                    SandboxFusion           fusion.py
    POST /api/v2/execute, GET /api/v2/runtimes Piston                  piston.py
    POST /execute                              NeMo-Skills             nemo.py
    POST /verify                               NeMo Gym                remote.py
    POST /openrlhf, /slime                     remote reward models    remote.py
    POST /test_program, /test_program_stdio    open-instruct           instruct.py
    GET  /health, /v1/ping                     is it up?               app.py

`app.py` is the ASGI application, `door.py` what every dialect asks of the pipeline, `gather.py` joins the calls that
run one program, `serving.py` listens. An answer of status 200 is always about the program, and never about us.
"""
