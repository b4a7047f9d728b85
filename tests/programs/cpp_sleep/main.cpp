#include <condition_variable>
#include <iostream>
#include <mutex>

int main()
{
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock<std::mutex> lock(mutex);
    std::cout << 42 << std::endl;
    never.wait(lock, [] { return false; });
}
