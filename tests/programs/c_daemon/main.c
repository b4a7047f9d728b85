#include <stdio.h>
#include <unistd.h>

int main(void)
{
    if (fork() == 0) {
        setsid();
        if (fork() == 0)
            for (;;) {
                FILE *file = fopen("/tmp/from-daemon", "w");
                if (file)
                    fclose(file);
                usleep(5000);
            }
        _exit(0);
    }
    puts(access("/tmp/from-daemon", F_OK) ? "clean" : "found");
    for (int i = 0; i < 1000 && access("/tmp/from-daemon", F_OK); i++)
        usleep(5000);
    puts(access("/tmp/from-daemon", F_OK) ? "clean" : "found");
    return 0;
}
